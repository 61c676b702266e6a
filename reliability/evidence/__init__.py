"""What is counted from blocks, once, by addition."""
