"""The guided conversation: a pure engine. No I/O, clock, random or log."""
