"""What `doctor` tries against the real thing: one module a part, each giving findings and what to do about them."""
