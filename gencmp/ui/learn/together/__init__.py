"""A class that goes through a lesson together: the teacher leads on one screen, the phones follow and predict."""
