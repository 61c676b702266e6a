"""Whether the evaluation rows are distributed as the training rows were."""
