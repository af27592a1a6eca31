"""Reports on data sets: descriptions as text and plain values, and contact sheets.

- `describe`: descriptions of recipes, stores and verifications
- `describe_drawn`: descriptions of drawn recipes and of what was drawn
- `figures`: contact sheets of a store's images
- `preview`: images of a few specimens of a drawn recipe
"""
