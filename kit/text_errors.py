"""What can go wrong with drawn text, apart from the libraries that draw it: they load with the first text."""


class TextUnavailable(Exception):
    """Text cannot be drawn on this machine; says what to install."""
