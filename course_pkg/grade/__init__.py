"""What only the instructor runs: notebooks, release, grading, feedback, serving."""

import sys

# nbformat's jsonschema compiles 38 grammars of web addresses when it is imported, which
# takes ten times as long as the rest of nbformat; no notebook's schema has an address.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
