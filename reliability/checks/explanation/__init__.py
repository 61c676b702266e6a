"""What the model's answers rest on: which features, how surely, and whether that can be relied on."""
