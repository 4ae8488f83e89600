import unittest

from repeat import between


class Tests(unittest.TestCase):
    def test_weekly(self):
        self.assertEqual(between("weekly on mon,thu", "2024-05-02", "2024-05-01", "2024-05-10"), ["2024-05-02", "2024-05-06", "2024-05-09"])

    def test_month_end(self):
        self.assertEqual(between("monthly", "2023-12-31", "2024-01-01", "2024-05-31"), ["2024-01-31", "2024-03-31", "2024-05-31"])

    def test_last_day(self):
        self.assertEqual(between("monthly on -1", "2024-01-01", "2024-01-01", "2024-03-31"), ["2024-01-31", "2024-02-29", "2024-03-31"])

    def test_count(self):
        self.assertEqual(between("daily count 2", "2024-01-01", "2024-01-01", "2024-02-01"), ["2024-01-01", "2024-01-02"])

    def test_second_tuesday(self):
        self.assertEqual(between("monthly on 2tue", "2024-01-01", "2024-01-01", "2024-02-28"), ["2024-01-09", "2024-02-13"])

    def test_bad_rule(self):
        with self.assertRaises(ValueError):
            between("hourly", "2024-01-01", "2024-01-01", "2024-02-01")


if __name__ == "__main__":
    unittest.main()
