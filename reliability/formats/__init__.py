"""What model files say of themselves in their first bytes, read without loading any of them."""
