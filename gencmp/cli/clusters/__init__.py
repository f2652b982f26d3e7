"""Training on a cluster from the command line."""
