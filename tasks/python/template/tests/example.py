"""Examples of render(). Run me: python3 example.py"""
from template import render

assert render("Hello {{ name }}!", {"name": "Ada"}) == "Hello Ada!"
assert render("{{a.b}} {{&a.b}}", {"a": {"b": "x < y"}}) == "x &lt; y x < y"
assert render("{{#each fruit}}{{@index}}:{{.}} {{/each}}", {"fruit": ["fig", "kiwi"]}) == "0:fig 1:kiwi "
assert render("{{#if paid}}thanks{{else}}please pay{{/if}}", {"paid": False}) == "please pay"
try:
    render("one\n{{#if x}}\nthree", {})
except ValueError as error:
    assert str(error).startswith("line 2:"), error
else:
    raise AssertionError("an open {{#if}} was accepted")
print("all examples hold")
