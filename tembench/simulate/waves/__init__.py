"""Exit waves of specimens that share nothing with each other."""
