"""Motion: the step-wise trainer and what it is made of."""
