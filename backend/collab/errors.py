"""What live editing refuses over HTTP. `backend/problems.py` turns each into an answer.

CollabError
 +- ProjectNotEmpty   an import into a project that has clips, without `replace=1`
 +- DocumentTooLarge  a result over the limits of a document
 +- RoomUnavailable   the document cannot be written now; trying again helps
"""


class CollabError(Exception):
    """Root of what live editing refuses."""


class ProjectNotEmpty(CollabError):
    def __init__(self) -> None:
        super().__init__(
            "the project has clips; send replace=1 to put this timeline in their place"
        )


class DocumentTooLarge(CollabError):
    pass


class RoomUnavailable(CollabError):
    def __init__(self) -> None:
        super().__init__("the document cannot be written now; try again in a moment")
