"""Reports on data sets: descriptions as text and plain values, and contact sheets.

- `card_content`: facts, uses and limits that a data card states
- `croissant`: metadata of a store in MLCommons' Croissant format
- `data_card`: the page and the metadata that describe a store
- `describe`: descriptions of recipes, stores and verifications
- `describe_drawn`: descriptions of drawn recipes and of what was drawn
- `figures`: contact sheets of a store's images
- `preview`: images of a few specimens of a drawn recipe
"""
