"""Parts of the mutation run: operators, workshop, mapping of modules to tests, named mutations."""
