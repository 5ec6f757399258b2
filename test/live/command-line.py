"""Runs the AWS command line for many lists of words in one process, since each start of it takes half a second.

It takes a JSON list of lists of words on standard input, and prints a JSON list of {code, out, err}.
"""

import contextlib
import io
import json
import sys

from awscli.clidriver import create_clidriver


def ended(driver, words):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = driver.main(words)
    return {"code": code, "out": out.getvalue(), "err": err.getvalue()}


driver = create_clidriver()
print(json.dumps([ended(driver, words) for words in json.load(sys.stdin)]))
