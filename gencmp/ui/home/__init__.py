"""Home: the finished comparison, and its first sight."""
