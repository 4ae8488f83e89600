import os
import tempfile
import unittest

from stock import money, orders
from stock.store import Store


class Tests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(os.path.join(self.folder.name, "stock.json"))

    def tearDown(self):
        self.folder.cleanup()

    def test_money(self):
        self.assertEqual(money.parse("0.29"), 29)
        self.assertEqual(money.show(705), "7.05")

    def test_mean_price(self):
        orders.receive(self.store, "cup", 1, 100)
        orders.receive(self.store, "cup", 1, 201)
        self.assertEqual(self.store.get("cup"), {"count": 2, "price": 151})

    def test_two_items(self):
        orders.receive(self.store, "cup", 1, 100)
        orders.receive(self.store, "tea", 2, 300)
        self.assertEqual(self.store.get("cup"), {"count": 1, "price": 100})

    def test_sell_all_or_nothing(self):
        orders.receive(self.store, "cup", 5, 100)
        with self.assertRaises(orders.OrderError):
            orders.sell(self.store, [("cup", 2), ("tea", 1)])
        self.assertEqual(self.store.get("cup")["count"], 5)

    def test_report(self):
        orders.receive(self.store, "tea", 2, 350)
        self.assertEqual(list(orders.report(self.store)), ["tea\t2\t3.50", "all\t\t7.00"])


if __name__ == "__main__":
    unittest.main()
