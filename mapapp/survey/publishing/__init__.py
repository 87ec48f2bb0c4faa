"""What everybody may read of the survey: the share of people with a dose, by amphoe, in steps that tell of nobody."""
