# Changes the cells that follow: their source, their syntax tree, the moments around them.
import ast

shell = get_ipython()


class Nothing(ast.NodeTransformer):
    def visit_Module(self, node):
        return ast.Module(body=[], type_ignores=[])


def broken(*args):
    raise RuntimeError("a hook of the attacker's")


shell.input_transformers_post.append(lambda lines: ["pass\n"])
shell.ast_transformers.append(Nothing())
shell.events.register("pre_run_cell", broken)
shell.events.register("post_run_cell", broken)
shell.display_pub.publish = broken
