"""Whether the model keeps its answers when its inputs are disturbed, attacked, invalid, or merely sent again."""
