"""One thread inside of a block, in all libraries, and what was before afterwards."""

from concurrent.futures import ThreadPoolExecutor

import torch
from threadpoolctl import threadpool_info, threadpool_limits

from autogen.threads import one_thread


def threads():
    """Numbers of threads of the libraries, and of torch."""
    return {library["num_threads"] for library in threadpool_info()}, torch.get_num_threads()


def test_a_block_has_one_thread_and_gives_the_others_back():
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        with threadpool_limits(2):
            with one_thread():
                assert threads() == ({1}, 1)
                with one_thread():
                    assert threads() == ({1}, 1)
                assert threads() == ({1}, 1)
            assert threads() == ({2}, 2)
            with ThreadPoolExecutor(1) as another:
                assert another.submit(torch.get_num_threads).result() == 2
    finally:
        torch.set_num_threads(before)
