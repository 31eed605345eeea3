"""Search for the best generator of a table, look at the verdict, draw new rows.

python examples/search_table.py
"""

import autogen


def main() -> None:
    """Search the wine measurements that scikit-learn ships, for a minute."""
    result = autogen.search("wine", budget="1m", families=["vae", "autoregressive"])
    print(result.verdict, "-", result.record["statement"])
    print(result.leaderboard().head())
    print(result.best.load().sample(5, seed=0))


if __name__ == "__main__":
    main()
