"""What a person at the console can put right."""


class Trouble(Exception):
    """Why the product cannot do it here and now: one sentence, and what to do about it."""
