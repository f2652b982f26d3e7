"""A class for an hour, without people: viewers, voters, students who train and two teachers use one server."""
