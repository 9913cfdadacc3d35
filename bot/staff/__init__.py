"""The people who work the desk: their accounts, how they sign in, what they may do, and the audit log of what they did."""
