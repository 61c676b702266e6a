"""Two assessments side by side: what went in, what was answered, measured and judged otherwise than before."""
