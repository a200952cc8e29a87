"""What runs inside the box; the folder is copied into it."""
