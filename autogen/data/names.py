"""Names of the built-in data sets, known without importing what reads them."""

IMAGE_SETS = ("digits",)
#: Name to the column that tells the class.
TABLE_SETS = {"breast_cancer": "diagnosis", "wine": "cultivar"}
