"""Baselines of each kind of data, by name."""

from autogen.errors import UnknownNameError
from autogen.families.baselines.base import Baseline, TrainCopy


def baselines_for(kind: str) -> dict[str, type[Baseline]]:
    """The baselines of a kind of data, by name.

    Raises:
        UnknownNameError: there are none for this kind.
    """
    if kind == "image":
        from autogen.families.baselines.images import Kde, PcaGaussian, PixelMarginals

        images = {"marginals": PixelMarginals, "pca_gaussian": PcaGaussian, "kde": Kde}
        return {"train_copy": TrainCopy, **images}
    if kind == "tabular":
        from autogen.families.baselines.tables import ColumnMarginals, GaussianCopula, Smote

        tables = {"marginals": ColumnMarginals, "gaussian_copula": GaussianCopula, "smote": Smote}
        return {"train_copy": TrainCopy, **tables}
    if kind == "text":
        from autogen.families.baselines.texts import NGramModel, Unigram

        return {"train_copy": TrainCopy, "unigram": Unigram, "ngram": NGramModel}
    if kind == "music":
        from autogen.families.baselines.music import NoteMarginals, NoteNGrams

        return {"train_copy": TrainCopy, "marginals": NoteMarginals, "ngram": NoteNGrams}
    raise UnknownNameError(f"no baselines for {kind!r} data; there are image, tabular, text, music")
