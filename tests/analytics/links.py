import re


def cell_links(html):
    return [
        each.replace("&amp;", "&")
        for each in re.findall(r'<td class="num"[^>]*><a href="([^"]*)', html)
    ]
