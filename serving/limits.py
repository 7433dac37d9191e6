"""What the page takes at most, so that no upload ends it."""

MOST_FILE_BYTES = 128 * 2**20
"""A mammogram without compression has up to 60 MB."""
MOST_UPLOADS_AT_ONCE = 32
"""Those that arrive and those that wait for the networks; who comes later is asked to try again."""
UPLOAD_SECONDS = 120
"""A transfer that takes longer is given up, so that no stalled one keeps a place."""
MOST_KEPT_BYTES = 2**30
"""Of pixels; the films that were looked at longest ago make room."""
KEPT_SECONDS = 30 * 60
"""A film that nobody asks for so long is forgotten."""
MOST_NAME_LENGTH = 120
MOST_FILMS_ASKED_FOR = 16
"""In one table or report."""
MOST_CONNECTIONS = 96
"""More would come near the 256 open files that some systems allow."""
MOST_CONNECTIONS_TAKEN_AT_ONCE = 32
"""Of those that the system has waiting."""
REQUEST_SECONDS = 10
"""A connection whose next request's headers have not come by then is closed."""
ANSWER_SECONDS = 120
"""An answer that is not taken by then is given up."""
