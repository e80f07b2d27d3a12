-- What the commands do besides the walk: health, hints, a fix that is compared before it is taken.
local harness = dofile(vim.fs.joinpath(vim.fs.dirname(debug.getinfo(1, "S").source:sub(2)), "harness.lua"))
local test, wait, truth = harness.test, harness.wait, harness.truth
harness.answers = { ["May Milepost run"] = "Trust" }

local function text_of(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n")
end

test("checkhealth finds the server", function()
  vim.cmd("silent checkhealth milepost")
  local report = text_of(0)
  truth(report:find("milepost 0", 1, true), report)
  truth(not report:find("ERROR", 1, true), report)
  vim.cmd("silent! bwipeout!")
end)

test("a folder without a course is left alone", function()
  vim.cmd.edit(vim.fs.joinpath(vim.env.HOME, "elsewhere.py"))
  truth(#vim.lsp.get_clients() == 0, "no server starts")
  vim.cmd.MilepostProgress()
  truth(harness.said[#harness.said]:find("MilepostStartCourse", 1, true), "the user hears what to do")
end)

test("the help has every command", function()
  local help = table.concat(vim.fn.readfile(vim.api.nvim_get_runtime_file("doc/milepost.txt", false)[1]), "\n")
  local count = 0
  for name in pairs(vim.api.nvim_get_commands({})) do
    if name:find("^Milepost") then
      count = count + 1
      truth(help:find("*:" .. name .. "*", 1, true), name)
    end
  end
  truth(count >= 11, "commands are there")
end)

test("a fix is compared with the program and then applied", function()
  vim.cmd.edit(vim.fs.joinpath(vim.env.MILEPOST_COURSE, "average.py"))
  local buffer = vim.api.nvim_get_current_buf()
  wait("the task", function()
    return require("milepost").status() ~= ""
  end)
  vim.cmd.write()
  wait("a finding", function()
    return #vim.diagnostic.get(buffer) > 0
  end)
  local before, compared = text_of(buffer), nil
  local choose = vim.ui.select
  vim.ui.select = function(items, options, act)
    if items[1] == "Apply" then
      compared = vim.fn.tabpagenr("$") == 2 and vim.wo.diff
      return act("Apply", 1)
    end
    return act(items[1], 1)
  end
  wait("an applied fix", function()
    vim.cmd.MilepostFix()
    return vim.wait(1000, function()
      return text_of(buffer) ~= before
    end, 20)
  end)
  vim.ui.select = choose
  truth(compared, "both texts were shown side by side")
  truth(vim.fn.tabpagenr("$") == 1, "the comparison is closed")
  vim.cmd.write()
  wait("no finding", function()
    return #vim.diagnostic.get(buffer) == 0
  end)
end)

harness.finish()
