import re


def cell_links(html):
    return [
        each.replace("&amp;", "&")
        for each in re.findall(r'<td(?: data-value="[^"]*")?><a href="([^"]*)', html)
    ]
