-- pair.lua: turns the zh and en blocks that weave writes into LaTeX.
--
-- In the bilingual edition a zh block is followed by its en block, and block i
-- of the one stands beside block i of the other; with one language, blocks
-- stand as they are.  Headings, tables and listings are written here.

-- What fits side by side, in half-width characters: the columns and the page.
local CAPACITY = { zh = 38, en = 50, page = 96 }

local function raw(s) return pandoc.RawBlock("latex", s) end
local function rawi(s) return pandoc.RawInline("latex", s) end

local chapter = "?"             -- the file that the blocks come from

local function fail(div, message)
  io.stderr:write(chapter, ":", div.attributes.at, ": ", message, "\n")
  os.exit(1)
end

-- Text as TeX

local SPECIAL = {
  ["\\"] = "\\textbackslash{}", ["{"] = "\\{", ["}"] = "\\}", ["$"] = "\\$",
  ["&"] = "\\&", ["#"] = "\\#", ["%"] = "\\%", ["_"] = "\\_",
  ["^"] = "\\textasciicircum{}", ["~"] = "\\textasciitilde{}",
  ["`"] = "\\textasciigrave{}", ["|"] = "\\textbar{}",
}

local function escape(s)
  return (s:gsub("[\\{}$&#%%_^~`|]", SPECIAL))
end

local function code(s)
  local joint = #s > 12 and "\\J " or ""
  local tex = s:gsub("[\\{}$&#%%_^~`|./-]", function (c)
    local tex = SPECIAL[c] or c
    return c:match("[_./-]") and tex .. joint or tex
  end)
  return rawi("\\Code{" .. tex .. "}")
end

-- Quotation marks: full-width in Chinese, TeX's own in English, where a font
-- for Chinese must not catch them.
local QUOTES = {
  zh = { SingleQuote = { "‘", "’" }, DoubleQuote = { "“", "”" } },
  en = { SingleQuote = { "`", "'" }, DoubleQuote = { "``", "''" } },
}
local MARKS = { ["‘"] = "`", ["’"] = "'", ["“"] = "``", ["”"] = "''",
                ["—"] = "---", ["–"] = "--", ["…"] = "\\ldots{}" }

local function quoted(lang)
  return function (q)
    local marks = QUOTES[lang][q.quotetype]
    local all = pandoc.List(q.content)
    all:insert(1, rawi(marks[1]))
    all:insert(rawi(marks[2]))
    return all
  end
end

local function marks(str)
  local all = pandoc.List()
  local from = 1
  for at, mark in str.text:gmatch("()([\xE2][\x80-\xBF][\x80-\xBF])") do
    if MARKS[mark] then
      if at > from then all:insert(pandoc.Str(str.text:sub(from, at - 1))) end
      all:insert(rawi(MARKS[mark]))
      from = at + 3
    end
  end
  if from == 1 then return nil end
  all:insert(pandoc.Str(str.text:sub(from)))
  return all
end

local function polish(div)
  local lang = div.classes[1]
  local filter = { Quoted = quoted(lang), Code = function (c)
    return code(c.text)
  end }
  if lang == "en" then filter.Str = marks end
  return pandoc.walk_block(div, filter)
end

-- Headings

local function plain_text(heading)
  return heading and escape(pandoc.utils.stringify(heading.content)) or ""
end

local function heading(zh, en)
  local any = zh or en
  local both = zh and en
  local all = pandoc.List{ rawi(string.format("\\Heading{%d}{%s}{%s}{%s%s%s}{",
    any.level, any.attributes.number or "", any.identifier, plain_text(zh),
    both and " · " or "", plain_text(en))) }
  all:extend(zh and zh.content or {})
  all:insert(rawi("}{"))
  all:extend(en and en.content or {})
  all:insert(rawi("}"))
  return pandoc.Plain(all)
end

-- Tables

local function inlines(cell)
  return pandoc.utils.blocks_to_inlines(cell.contents)
end

local function width(list)
  local n = 0
  pandoc.walk_block(pandoc.Plain(list), {
    Str = function (s)
      for _, c in utf8.codes(s.text) do n = n + (c > 0x2E7F and 2 or 1) end
    end,
    Space = function () n = n + 1 end,
    RawInline = function (r)
      local text = r.text:gsub("\\At{%d+}", ""):gsub("\\CodeLink{[^}]*}", "")
                         :gsub("\\J ", ""):gsub("\\%a+", ""):gsub("[{}\\]", "")
      n = n + math.ceil(#text * 1.1)
    end,
  })
  return n
end

local function rows_of(tbl)
  local rows = pandoc.List(tbl.head.rows):clone()
  for _, body in ipairs(tbl.bodies) do rows:extend(body.body) end
  return rows
end

local function widths(tbl)
  local w = {}
  for _, row in ipairs(rows_of(tbl)) do
    for i, cell in ipairs(row.cells) do
      w[i] = math.max(w[i] or 1, width(inlines(cell)))
    end
  end
  return w
end

local function total(w)
  local sum = 0
  for _, x in ipairs(w) do sum = sum + x + 2 end
  return sum - 2
end

-- Columns as wide as their text if that fits; else narrow ones keep their
-- width and wide ones share what is left.
local function columns(w, capacity)
  if total(w) <= capacity then return string.rep("l", #w) end
  local room, wide = capacity - 2 * (#w - 1), 0
  local fair = room / #w
  for _, x in ipairs(w) do
    if x <= fair then room = room - x else wide = wide + x end
  end
  local spec = {}
  for i, x in ipairs(w) do
    spec[i] = x <= fair and "l" or
      string.format("L{%.3f\\linewidth}", 0.97 * x / wide * room / capacity)
  end
  return table.concat(spec)
end

local function table_block(tbl, capacity)
  local all = pandoc.List{ rawi("\\TableBegin{" ..
    columns(widths(tbl), capacity) .. "}") }
  local heads = #tbl.head.rows
  for k, row in ipairs(rows_of(tbl)) do
    if k == heads + 1 then all:insert(rawi("\\midrule\n")) end
    for i, cell in ipairs(row.cells) do
      if i > 1 then all:insert(rawi(" & ")) end
      if k <= heads then all:insert(rawi("\\TableHead{")) end
      all:extend(inlines(cell))
      if k <= heads then all:insert(rawi("}")) end
    end
    all:insert(rawi("\\\\\n"))
  end
  all:insert(rawi("\\TableEnd"))
  return pandoc.Plain(all)
end

-- Listings

local function listing(block)
  local all = { "\\ListingBegin" }
  for line in (block.text .. "\n"):gmatch("(.-)\n") do
    all[#all + 1] = "\\T{" .. escape(line):gsub(" ", "~") .. "}"
  end
  all[#all + 1] = "\\ListingEnd"
  return raw(table.concat(all, "\n"))
end

-- One language

local function single(div)
  local lang = div.classes[1]
  local all = pandoc.List{ raw("\\At{" .. div.attributes.at .. "}%") }
  for _, block in ipairs(polish(div).content) do
    if block.t == "Header" then
      all:insert(lang == "zh" and heading(block, nil) or heading(nil, block))
    elseif block.t == "Table" then
      all:insert(raw("\\PairGap"))
      all:insert(table_block(block, CAPACITY.page))
      all:insert(raw("\\PairGap"))
    elseif block.t == "CodeBlock" then
      all:insert(listing(block))
    else
      all:insert(block)
    end
    if block.t ~= "Header" then all:insert(raw("\\par\\TryFigure")) end
  end
  return all
end

-- Two languages side by side

-- Footnotes: a mark in each text, the two texts side by side below.
local function take_notes(block, notes)
  local list = pandoc.List()
  local text = pandoc.walk_block(block, { Note = function (note)
    list:insert(note)
    return rawi("\\NoteMark{" .. #list .. "}")
  end })
  notes:insert(list)
  return text
end

local function put_notes(all, notes)
  for k, zh in ipairs(notes[1]) do
    local text = pandoc.List{ rawi("\\NotePair{" .. k .. "}{") }
    text:extend(pandoc.utils.blocks_to_inlines(zh.content))
    text:insert(rawi("}{"))
    text:extend(pandoc.utils.blocks_to_inlines(notes[2][k].content))
    text:insert(rawi("}"))
    all:insert(pandoc.Plain(text))
  end
end

local function row(all, zh, en, gap)
  local notes = pandoc.List()
  zh, en = take_notes(zh, notes), take_notes(en, notes)
  all:insert(raw(gap .. "\\PairZh{" .. #notes[1] .. "}%"))
  all:insert(zh)
  all:insert(raw("\\PairEn"))
  all:insert(en)
  all:insert(raw("\\PairEnd"))
  put_notes(all, notes)
end

-- Item k of a list, as a list of its own.
local function item(list, k)
  if list.t == "BulletList" then
    return pandoc.BulletList{ list.content[k] }
  end
  local a = list.listAttributes
  return pandoc.OrderedList({ list.content[k] }, pandoc.ListAttributes(
    a.start + k - 1, a.style, a.delimiter))
end

local function pair_lists(all, zh, en)
  for k = 1, #zh.content do
    row(all, item(zh, k), item(en, k), k == 1 and "\\PairGap" or "\\PairTight")
  end
end

local function pair_tables(all, zh, en)
  if math.max(total(widths(zh)), total(widths(en))) >
     CAPACITY.zh + CAPACITY.en then
    all:insert(raw("\\PairGap"))
    all:insert(table_block(zh, CAPACITY.page))
    all:insert(raw("\\PairGap"))
    all:insert(table_block(en, CAPACITY.page))
    all:insert(raw("\\PairGap"))
  else
    row(all, table_block(zh, CAPACITY.zh), table_block(en, CAPACITY.en),
        "\\PairGap")
  end
end

local function pair_block(all, zh, en)
  if zh.t == "Header" then
    all:insert(heading(zh, en))
  elseif zh.t == "BulletList" or zh.t == "OrderedList" then
    pair_lists(all, zh, en)
  elseif zh.t == "Table" then
    pair_tables(all, zh, en)
  elseif zh.t == "CodeBlock" then
    all:insert(listing(zh))
    if zh.text ~= en.text then all:insert(listing(en)) end
  else
    row(all, zh, en, "\\PairGap")
  end
end

local function pair(zh, en)
  local all = pandoc.List{ raw("\\At{" .. zh.attributes.at .. "}%") }
  local a, b = polish(zh).content, polish(en).content
  if #a ~= #b then
    fail(zh, #a .. " blocks face " .. #b .. ": set them off by blank lines")
  end
  for i = 1, #a do
    if a[i].t ~= b[i].t then
      fail(zh, "a " .. a[i].t .. " faces a " .. b[i].t)
    end
    pair_block(all, a[i], b[i])
  end
  return all
end

local function is_side(block, lang)
  return block and block.t == "Div" and block.classes[1] == lang
end

function Pandoc(doc)
  local all = pandoc.List()
  local i = 1
  while i <= #doc.blocks do
    local block, next = doc.blocks[i], doc.blocks[i + 1]
    if is_side(block, "zh") and is_side(next, "en") then
      all:extend(pair(block, next))
      i = i + 1
    elseif is_side(block, "zh") or is_side(block, "en") then
      all:extend(single(block))
    else
      chapter = block.text and block.text:match("\\AtFile{(.-)}") or chapter
      all:insert(block)
    end
    i = i + 1
  end
  return pandoc.Pandoc(all, doc.meta)
end
