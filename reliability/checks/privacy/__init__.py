"""Whether people can be told from the model's answers or from the data."""
