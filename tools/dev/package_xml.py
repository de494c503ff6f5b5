#!/usr/bin/env python3
"""package.xml: what `pecl package` packs. Its version and its list of files follow from the sources.

  package_xml.py           check it: says what differs, exit code 1
  package_xml.py --write   write it anew
  package_xml.py --list    print the files it packs
  package_xml.py --copy D  copy them to a folder
  package_xml.py --pie D   the same with the composer.json of the package for PIE: what its repository holds
"""
import pathlib, re, shutil, sys
import xml.etree.ElementTree as tree
from xml.sax.saxutils import quoteattr

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPACE = "http://pear.php.net/dtd/package-2.0"
# Part of the server's binary alone.
NOT_PACKED = {"ext/sapi_functions.cc", "ext/sapi_functions.stub.php", "ext/sapi_functions_arginfo.h", "ext/CMakeLists.txt"}
PATTERNS = {
    "src": ["config.m4", "ext/Makefile.frag", "ext/**/*.cc", "ext/**/*.h", "ext/**/*.stub.php", "runtime/goridge/*.cc",
            "runtime/goridge/*.h", "include/rr/host.h", "include/rr/protobuf.h", "include/rr/services.h", "include/rr/text.h",
            "include/rr/utf8.h"],
    "test": ["ext/tests/*.phpt", "ext/tests/*.inc"],
    "doc": ["LICENSE", "docs/extension.md"],
}


def version():
    return re.search(r'PHP_RR_EMBED_VERSION "([^"]+)"', (ROOT / "ext/php_rr_embed.h").read_text())[1]


def files():
    found = {}
    for role, patterns in PATTERNS.items():
        for pattern in patterns:
            for path in ROOT.glob(pattern):
                name = str(path.relative_to(ROOT))
                if path.is_file() and name not in NOT_PACKED:
                    found[name] = role
    return dict(sorted(found.items()))


def expected():
    text = (ROOT / "package.xml").read_text()
    lines = "".join(f"   <file name={quoteattr(name)} role={quoteattr(role)}/>\n" for name, role in files().items())
    text = re.sub(r"(<dir name=\"/\">\n).*?(  </dir>)", lambda m: m[1] + lines + m[2], text, flags=re.S)
    return re.sub(r"(<(?:release|api)>)[^<]*(</)", lambda m: m[1] + version() + m[2], text, count=2)


def problems():
    text = (ROOT / "package.xml").read_text()
    if text != expected():
        yield "package.xml: its version or its files are not those of the sources; tools/dev/package_xml.py --write"
    listed = {each.get("name") for each in tree.fromstring(text).iter(f"{{{SPACE}}}file")}
    configured = set(re.findall(r"[\w/]+\.cc", (ROOT / "config.m4").read_text()))
    for name in sorted({name for name in listed if name.endswith(".cc")} ^ configured):
        yield f"config.m4 and package.xml differ: {name} is in one of them"
    functions = (ROOT / "php/polyfill/functions.php").read_text()
    repeated = re.search(r"function version\(\): string\s*\{\s*return '([^']+)'", functions)
    if repeated and repeated[1] != version():
        yield f"php/polyfill/functions.php: version() says {repeated[1]}, the extension is {version()}"


def copy(folder, more):
    for name, source in {**{name: name for name in [*files(), "package.xml"]}, **more}.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_bytes() != (ROOT / source).read_bytes():
            shutil.copyfile(ROOT / source, target)


def main():
    if sys.argv[1:] == ["--write"]:
        (ROOT / "package.xml").write_text(expected())
    elif sys.argv[1:] == ["--list"]:
        print("\n".join(files()))
    elif len(sys.argv) == 3 and sys.argv[1] in ("--copy", "--pie"):
        copy(pathlib.Path(sys.argv[2]), {"composer.json": "packaging/pie/composer.json"} if sys.argv[1] == "--pie" else {})
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        found = list(problems())
        print("\n".join(found) if found else f"package.xml: version {version()}, {len(files())} files")
        return 1 if found else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
