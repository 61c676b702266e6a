"""What is wrong with the rows themselves, whatever the model makes of them."""
