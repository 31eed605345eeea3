"""Write a made-up table of customers: ``python examples/customers.py customers.csv``.

Names, e-mail addresses and ids; a zip code that determines the city; no login before the signup; a date that
only paying customers have; and a column to predict.
"""

import sys

import numpy as np
import pandas as pd

FIRST_TEXT = """
Anna Ben Clara David Emma Felix Greta Hanna Ivan Jana Karl Lena Max Nora Otto Paula Rosa Stefan Tina
"""
LAST_TEXT = """
Bauer Wagner Huber Gruber Pichler Steiner Moser Mayer Hofer Leitner Berger Fuchs Eder Fischer Egger
"""
CITIES = {
    "8010": "Graz",
    "8020": "Graz",
    "1010": "Wien",
    "1030": "Wien",
    "1100": "Wien",
    "4020": "Linz",
    "5020": "Salzburg",
    "6020": "Innsbruck",
    "9020": "Klagenfurt",
    "3100": "St. Pölten",
}


def customers(n: int = 1500, seed: int = 3) -> pd.DataFrame:
    """Draw n customers."""
    rng = np.random.default_rng(seed)
    first, last, zips = (
        rng.choice(values, n) for values in (FIRST_TEXT.split(), LAST_TEXT.split(), list(CITIES))
    )
    signup = pd.Timestamp("2019-01-01") + pd.to_timedelta(rng.integers(0, 1800, n), unit="D")
    login = signup + pd.to_timedelta(rng.exponential(200, n).astype(int), unit="D")
    until = login + pd.to_timedelta(rng.integers(10, 400, n), unit="D")
    segment = rng.choice(["basic", "plus", "premium"], n, p=[0.55, 0.3, 0.15])
    more = (segment == "plus") * 0.6 + (segment == "premium") * 1.3
    spend = np.round(np.exp(rng.normal(3, 0.7, n) + more), 2)
    churn = 1 / (1 + np.exp(-(1.2 - (segment != "basic") * 1.5 - spend / 60)))
    return pd.DataFrame(
        {
            "customer_id": [f"C-{100000 + place}" for place in range(n)],
            "name": [f"{a} {b}" for a, b in zip(first, last, strict=True)],
            "email": [
                f"{a.lower()}.{b.lower()}{number}@example.com"
                for a, b, number in zip(first, last, rng.integers(1, 999, n), strict=True)
            ],
            "zip": zips,
            "city": [CITIES[code] for code in zips],
            "age": np.clip(rng.normal(42, 14, n), 18, 90).astype(int),
            "segment": segment,
            "signup_date": signup.strftime("%Y-%m-%d"),
            "last_login": login.strftime("%Y-%m-%d"),
            "premium_until": pd.Series(until.strftime("%Y-%m-%d")).where(segment != "basic"),
            "monthly_spend": spend,
            "churned": np.where(rng.random(n) < churn, "yes", "no"),
        }
    )


if __name__ == "__main__":
    customers().to_csv(sys.argv[1] if len(sys.argv) > 1 else "customers.csv", index=False)
