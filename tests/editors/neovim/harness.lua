-- A test is a function that may fail; the last line of the file calls `finish`.
local M = {}
local failed = 0

-- A kill limit for what never comes, not a measurement.
local PATIENCE = 60000

function M.test(name, act)
  local passed, problem = xpcall(act, debug.traceback)
  io.stdout:write((passed and "ok - " or "not ok - ") .. name .. "\n")
  if not passed then
    failed = failed + 1
    io.stdout:write(tostring(problem) .. "\n")
  end
end

--- Wait until a condition holds; returns what it returned.
function M.wait(what, condition)
  local value
  local reached = vim.wait(PATIENCE, function()
    value = condition()
    return value and true or false
  end, 20)
  if not reached then
    error("never happened: " .. what .. "\n" .. vim.inspect(vim.diagnostic.get(0)), 2)
  end
  return value
end

function M.equal(got, wanted)
  if not vim.deep_equal(got, wanted) then
    error(("got %s, wanted %s"):format(vim.inspect(got), vim.inspect(wanted)), 2)
  end
end

function M.truth(value, what)
  if not value then
    error(what, 2)
  end
end

--- The questions that were asked, in their order; `answers` says what is chosen, by a part of the prompt.
M.asked = {}
M.answers = {}
vim.ui.select = function(items, options, choose)
  local shown = vim.tbl_map(options.format_item or tostring, items)
  table.insert(M.asked, { prompt = options.prompt, shown = shown })
  for part, wanted in pairs(M.answers) do
    if (options.prompt or ""):find(part, 1, true) then
      for index, text in ipairs(shown) do
        if text:find(wanted, 1, true) then
          return choose(items[index], index)
        end
      end
    end
  end
  choose(nil, nil)
end

--- What was said, in its order.
M.said = {}
vim.notify = function(text)
  table.insert(M.said, text)
end

function M.finish()
  for _, client in ipairs(vim.lsp.get_clients()) do
    client:stop()
  end
  local ended = vim.wait(10000, function()
    return #vim.lsp.get_clients() == 0
  end, 20)
  M.test("the server ends with the editor", function()
    M.truth(ended, "the server did not stop")
  end)
  vim.cmd(failed == 0 and "qa!" or "cq 1")
end

return M
