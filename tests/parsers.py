"""Every command's parser, each built once: to build them is an eighth of what collecting the tests takes."""

from functools import cache

from stentor.cli.commands import completion
from stentor.cli.dispatch import parser_for

parser_of = cache(parser_for)
table = cache(completion.table)
