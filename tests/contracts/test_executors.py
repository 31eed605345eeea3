"""Every built-in executor keeps the contract."""

from autogen.executors.inprocess import InProcessExecutor
from autogen.executors.local.executor import LocalExecutor
from autogen.testing.executors import ExecutorContract


class TestInProcess(ExecutorContract):
    def executor(self):
        return InProcessExecutor()


class TestLocal(ExecutorContract):
    def executor(self):
        return LocalExecutor(workers=2)
