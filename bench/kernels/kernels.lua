-- The kernels of kernels.pasm as one writes them in Lua 5.4: locals, integer and float arithmetic kept apart, arrays as tables.
-- Reads "name operations" a line, answers the checksum.
local MASK32 <const> = 0xffffffff
local kernels = {}

function kernels.mix(n)
  local ring = {}
  for i = 0, 1023 do ring[i] = 0 end
  local x, sum = 1, 0
  for i = 0, n - 1 do
    x = x * 6364136223846793005 + i
    x = x ~ (x >> 13)
    ring[(x & 0x1ff8) >> 3] = x
    sum = sum + ring[i & 0x3ff]
  end
  return (sum + x) & MASK32
end

function kernels.sieve(n)
  local sum = 0
  local flags = {}
  for _ = 1, n do
    for i = 0, 8191 do flags[i] = true end
    for i = 2, 8191 do
      if flags[i] then
        sum = sum + 1
        for j = i + i, 8191, i do flags[j] = false end
      end
    end
  end
  return sum
end

function kernels.crc32(n)
  local entries, text = {}, {}
  for i = 0, 255 do
    local value = i
    for _ = 1, 8 do
      if value & 1 == 0 then value = value >> 1 else value = (value >> 1) ~ 0xedb88320 end
    end
    entries[i] = value
  end
  for i = 0, 4095 do text[i] = (i * 7) & 255 end
  local sum = 0
  for _ = 1, n do
    local crc = MASK32
    for i = 0, 4095 do crc = (crc >> 8) ~ entries[(crc ~ text[i]) & 255] end
    sum = sum + (crc ~ MASK32)
  end
  return sum & MASK32
end

local function fibonacci(n)
  if n < 2 then return n end
  return fibonacci(n - 1) + fibonacci(n - 2)
end

function kernels.fib(n)
  local sum = 0
  for _ = 1, n do sum = sum + fibonacci(18) end
  return sum & MASK32
end

function kernels.matrix(n)
  local size <const> = 24
  local left, right, product = {}, {}, {}
  for i = 0, size * size - 1 do
    left[i] = i + 0.0
    right[i] = i + 1.0
    product[i] = 0.0
  end
  local sum = 0
  for _ = 1, n do
    for row = 0, size * (size - 1), size do
      for column = 0, size - 1 do
        local total, b = 0.0, column
        for a = row, row + size - 1 do
          total = total + left[a] * right[b]
          b = b + size
        end
        product[row + column] = total
      end
    end
    sum = sum + (product[size * size - 1] // 1 | 0)
  end
  return sum & MASK32
end

function kernels.xorshift(n)
  local x = 88172645463325252
  for _ = 1, n do
    x = x ~ (x << 13)
    x = x ~ (x >> 7)
    x = x ~ (x << 17)
  end
  return x & MASK32
end

io.stdout:setvbuf('line')
print(_VERSION)
for line in io.lines() do
  local name, operations = line:match('^(%w+) (%d+)$')
  print(kernels[name](math.tointeger(tonumber(operations))))
end
