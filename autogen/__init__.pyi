from autogen.api.estimator import Generator as Generator
from autogen.api.oversampler import GeneratorOverSampler as GeneratorOverSampler
from autogen.api.resume import resume as resume
from autogen.api.search import search as search
from autogen.api.update import update as update
from autogen.benchmarking.run import benchmark as benchmark
from autogen.engine.study_result import StudyResult as StudyResult
from autogen.errors import AutogenError as AutogenError
from autogen.errors import UserError as UserError
from autogen.generator.generator import GeneratedModel as GeneratedModel
from autogen.generator.load import load as load
from autogen.hpo.space import SearchSpace as SearchSpace
from autogen.judging.command import judge as judge
from autogen.verdict.external import score as score

__version__: str
__all__: list[str]
