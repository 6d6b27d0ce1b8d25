"""What can go wrong with comments, as facts.

CommentError
+-- TooManyComments      a project or a thread is full
+-- NotYourComment       somebody else's words
"""

from typing import Final


class CommentError(Exception):
    """Root of all refusals about comments."""


class TooManyComments(CommentError):
    def __init__(self, what: str, most: int) -> None:
        super().__init__(f"{what} holds {most} at most")
        self.what: Final = what


class NotYourComment(CommentError):
    def __init__(self, comment_id: str) -> None:
        super().__init__("only who wrote it may change it")
        self.comment_id: Final = comment_id
