"""What only the instructor runs: notebooks, release, grading, feedback, serving."""
