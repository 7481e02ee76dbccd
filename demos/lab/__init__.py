"""What experiments share: models, data sets, vectors, measures, figures. Not an experiment itself."""
