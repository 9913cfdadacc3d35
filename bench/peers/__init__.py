"""The same report with other libraries: what they answer 200 to is in MongoDB, majority and journaled, as far as their design goes."""
