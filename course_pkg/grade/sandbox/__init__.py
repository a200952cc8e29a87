"""The box in which students' code runs: see ``box.Box``.

``inside/`` runs in the box, ``wire`` on both sides, the rest outside.
"""
