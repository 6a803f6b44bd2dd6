"""What `course_utils.plots` is made of: axes, styles, words for a picture."""
